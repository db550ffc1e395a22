module.exports = require('killtarget/tree-kill')
