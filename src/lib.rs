//! The Node-API binding of the core: conversion, and no decision. Above it stands the TypeScript that users of the npm
//! package see.

#![cfg_attr(test, allow(dead_code))] // in tests napi registers nothing, so nothing calls its functions

mod completions;
mod convert;
mod environment;
mod functions;
mod handle_table;
mod objects;
