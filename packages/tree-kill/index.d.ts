import treeKill = require('killtarget/tree-kill')

export = treeKill
