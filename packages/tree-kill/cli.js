#!/usr/bin/env node
// tree-kill PID [SIGNAL]
const treeKill = require('./index.js')

const [pid, signal] = process.argv.slice(2)

treeKill(pid, signal, (error) => {
  if (error === undefined) return
  console.log(error.message)
  process.exitCode = 1
})
