//! Windows: process handles.
