import assert from 'node:assert/strict'
import { Queue, QueueEvents } from 'bullmq'
import { Redis } from 'ioredis'
import test from 'node:test'
import { descendants } from 'killtarget'
import { gone, identify, isRunning, prepare, until } from './helpers.mjs'

const heading = 'Cancel jobs across machines'
const tree = 'sleep 600 & sleep 600 & echo started; wait'

/** Sets up an empty database, a queue in it, and the recipe. */
async function prepareQueue(t, database) {
  const url = `${process.env.REDIS_URL}/${database}`
  const recipe = await prepare(t, heading)
  const connection = new Redis(url, { maxRetriesPerRequest: null })
  await connection.flushdb()
  const queue = new Queue('commands', { connection })
  const reader = new Redis(url, { maxRetriesPerRequest: null })
  const events = new QueueEvents('commands', { connection: reader })
  await events.waitUntilReady()
  t.after(async () => {
    await Promise.all([queue.close(), events.close()])
    connection.disconnect()
    reader.disconnect()
  })
  const env = { ...process.env, ...recipe.mark, REDIS_URL: url }
  const start = (...args) => recipe.start(args, { env })
  return { ...recipe, connection, queue, events, start, startWorker: () => start('worker.mjs') }
}

test('BullMQ: a job succeeds or fails by its exit code', async (t) => {
  const { queue, events, startWorker, connection } = await prepareQueue(t, 0)
  startWorker()
  const good = await queue.add('command', 'exit 0')
  await good.waitUntilFinished(events, 60_000)
  const bad = await queue.add('command', 'exit 3')
  await assert.rejects(bad.waitUntilFinished(events, 60_000), /exit code 3/)
  const keys = await connection.keys('running:*')
  assert.deepEqual(keys, [])
})

test('BullMQ: another process cancels a job by its id, and the other job goes on', async (t) => {
  const { queue, events, start, startWorker } = await prepareQueue(t, 1)
  const workers = [startWorker(), startWorker()]
  const started = (count) => until(() => outputOf(workers).match(/started/g)?.length === count)
  const processes = () => Promise.all(workers.map(({ child }) => treeOf(child.pid))).then((trees) => trees.flat())
  const cancelled = await queue.add('command', tree)
  await started(1)
  const ended = await processes()
  const kept = await queue.add('command', tree)
  await started(2)
  const left = (await processes()).filter(({ pid }) => !ended.some((each) => each.pid === pid))
  const failed = assert.rejects(cancelled.waitUntilFinished(events, 60_000), /cancelled/)
  assert.equal(await start('cancel.mjs', cancelled.id).exit, 0)
  await failed
  await gone(ended)
  assert.equal(await kept.isActive(), true)
  assert.deepEqual(
    await allRunning(left),
    left.map(() => true),
  )
})

const outputOf = (programs) => programs.map(({ output }) => output).join('')

test('BullMQ: a job that waits is removed', async (t) => {
  const { queue, start } = await prepareQueue(t, 2)
  const job = await queue.add('command', tree)
  assert.equal(await start('cancel.mjs', job.id).exit, 0)
  assert.equal(await queue.getJob(job.id), undefined)
})

test('BullMQ: the next worker ends what a crashed one has left, and not what another one runs', async (t) => {
  const { queue, startWorker, running, connection } = await prepareQueue(t, 3)
  const [crashing, other] = [startWorker(), startWorker()]
  // One worker runs 4 at most.
  for (let i = 0; i < 5; i += 1) await queue.add('command', tree)
  await until(() => (crashing.output + other.output).match(/started/g)?.length === 5)
  await until(async () => {
    const [key] = await connection.keys('running:*')
    return (await connection.hlen(key)) === 5
  })
  const [orphans, theirs] = await Promise.all([treeOf(crashing.child.pid), treeOf(other.child.pid)])
  assert.ok(orphans.length >= 3 && theirs.length >= 3, 'each worker has a job')
  crashing.child.kill('SIGKILL')
  assert.equal(await crashing.exit, 'SIGKILL')
  assert.deepEqual(
    await allRunning(orphans),
    orphans.map(() => true),
  )

  startWorker()
  await gone(orphans)
  assert.deepEqual(
    await allRunning(theirs),
    theirs.map(() => true),
  )
  assert.ok((await running()).length > theirs.length)
})

const allRunning = (processes) => Promise.all(processes.map(isRunning))

async function treeOf(pid) {
  return Promise.all(descendants(pid).map((each) => identify(each.pid)))
}
