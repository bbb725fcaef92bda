/**
 * A hostile client for tests: `flood-main.ts TRANSPORT ADDRESS:PORT COUNT SEED`. Sends that many bad
 * datagrams (or frames over TCP) and, between them, good questions whose answers it waits for, so that
 * it is never faster than the server. Writes `sent N` now and then, and `done RESENT` at the end.
 */
import { createSocket } from 'node:dgram'
import { parseSocketAddress } from '../ip/socket-address.ts'
import { floodTcp } from './flood-tcp.ts'
import { HostileDatagrams } from './hostile-datagrams.ts'
import { queryOctets } from './resolver-rig.ts'
import { SeededRandom } from './seeded-random.ts'

const [transport, target = '', count = '0', seed = '0'] = process.argv.slice(2)
const { address, port } = parseSocketAddress(target)
const random = new SeededRandom(Number(seed))
const hostile = new HostileDatagrams(random)

/** Datagrams between two good questions; two such batches fit any receive buffer. */
const batch = 64
const reportEvery = 50_000
/** For the good question or its answer that the kernel dropped. */
const resendAfterMs = 2_000

async function floodUdp(total: number): Promise<number> {
  const flood = createSocket('udp4')
  const polite = createSocket('udp4')
  const waiting = new Map<number, () => void>()
  let resent = 0
  polite.on('message', (reply) => waiting.get(reply.readUInt16BE(0))?.())
  flood.on('error', () => {})

  function ask(id: number): Promise<void> {
    const query = queryOctets(id % 2 === 0 ? 'auto.mesh.test A' : 'fine.up.test A', { id })
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setInterval(() => {
      resent += 1
      polite.send(query, port, address)
    }, resendAfterMs)
    waiting.set(id, () => {
      clearInterval(timer)
      waiting.delete(id)
      resolve()
    })
    polite.send(query, port, address)
    return promise
  }

  let before = Promise.resolve()
  for (let sent = 0; sent < total; ) {
    const end = Math.min(total, sent + batch)
    for (; sent < end; sent += 1) flood.send(hostile.next(), port, address)
    const now = ask((sent / batch) & 0xffff)
    await before
    before = now
    if (sent % reportEvery < batch) process.stdout.write(`sent ${sent}\n`)
  }
  await before
  flood.close()
  polite.close()
  return resent
}

const resent =
  transport === 'tcp'
    ? await floodTcp({ address, port }, Number(count), { random, hostile })
    : await floodUdp(Number(count))
process.stdout.write(`done ${resent}\n`)
