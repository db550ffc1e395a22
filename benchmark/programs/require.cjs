module.exports = require('killtarget')
