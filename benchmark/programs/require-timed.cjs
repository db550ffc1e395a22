const [start, cpuStart] = [performance.now(), process.cpuUsage()]
module.exports = require(process.argv[2])
const time = performance.now() - start
const { user, system } = process.cpuUsage(cpuStart)
console.log(JSON.stringify({ time, cpu: (user + system) / 1000 }))
