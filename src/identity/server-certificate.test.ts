import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import tls from 'node:tls'
import { systemClock } from '../base/clock.ts'
import {
  certify,
  type IdentityRig,
  type KeyWithChain,
  startIdentityRig,
  workload,
} from '../testing/identity-rig.ts'
import { until } from '../testing/until.ts'
import { CaFolder } from './ca-folder.ts'
import { activateNextRoot, addNextRoot } from './rotate-root.ts'
import { ServerCertificate } from './server-certificate.ts'

const now = systemClock.wall()
const dayMs = 86_400_000
const serverName = 'istiod.istio-system.svc'

async function keep({ ca, ports }: IdentityRig): Promise<ServerCertificate> {
  const names = [serverName, '127.0.0.1', '::1']
  const random = () => 32_768
  return await ServerCertificate.start({ ca, names, lifetimeSeconds: 86_400, ports, random })
}

describe("the controller's own certificate", () => {
  it('is renewed at half of its life, with another key', async (test) => {
    const rig = await startIdentityRig(test)
    const keeper = await keep(rig)
    test.after(() => keeper.stop())
    const first = keeper.current()
    let heard = 0
    keeper.follow(() => (heard += 1))
    rig.clock.advance(dayMs / 2 - 60_000)
    assert.equal(keeper.current(), first)
    rig.clock.advance(120_000)
    await until(() => heard === 1)
    assert.notEqual(keeper.current().key, first.key)
    rig.clock.advance(dayMs / 2 + 60_000)
    await until(() => heard === 2)
  })

  it('is renewed at once when the clock jumps by a day', async (test) => {
    const rig = await startIdentityRig(test)
    const keeper = await keep(rig)
    test.after(() => keeper.stop())
    let heard = 0
    keeper.follow(() => (heard += 1))
    rig.clock.jump(dayMs)
    rig.clock.advance(30_000)
    await until(() => heard === 1)
    const { validToDate } = new X509Certificate(keeper.current().chain)
    assert.ok(validToDate.getTime() > rig.clock.wall() + dayMs - 60_000)
  })

  it('is renewed at once when a clock that was a day ahead is put right', async (test) => {
    const rig = await startIdentityRig(test)
    rig.clock.jump(dayMs)
    const keeper = await keep(rig)
    test.after(() => keeper.stop())
    let heard = 0
    keeper.follow(() => (heard += 1))
    rig.clock.jump(-dayMs)
    rig.clock.advance(30_000)
    await until(() => heard === 1)
    const { validFromDate } = new X509Certificate(keeper.current().chain)
    assert.ok(validFromDate.getTime() <= rig.clock.wall())
  })
})

interface Peer {
  readonly name: string
  readonly make: (rig: IdentityRig, foreign: IdentityRig) => Promise<Partial<KeyWithChain>>
  /** What the server thinks of it. */
  readonly want: string
}

const peers: readonly Peer[] = [
  {
    name: 'a certificate of ours',
    make: ({ ca }) => certify(ca, workload),
    want: 'URI:spiffe://cluster.local/ns/vms/sa/web',
  },
  {
    name: 'a certificate of another namespace, as who it is',
    make: ({ ca }) => certify(ca, { ...workload, namespace: 'other' }),
    want: 'URI:spiffe://cluster.local/ns/other/sa/web',
  },
  {
    name: 'a certificate of another CA',
    make: async ({ ca }, foreign) => ({
      ...(await certify(foreign.ca, workload)),
      roots: ca.roots(),
    }),
    want: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  },
  {
    name: 'a certificate that has expired',
    make: async ({ ca, clock }) => {
      clock.jump(-3 * dayMs)
      const expired = await certify(ca, workload)
      clock.jump(3 * dayMs)
      return expired
    },
    want: 'CERT_HAS_EXPIRED',
  },
  {
    name: 'no certificate',
    make: async ({ ca }) => ({ roots: ca.roots() }),
    want: 'none',
  },
]

/** A TLS server that answers with what it thinks of its peer, and then with what it is sent. */
async function listen(test: TestContext, keeper: ServerCertificate): Promise<number> {
  const contextOf = ({ chain, key, roots } = keeper.current()) => ({ cert: chain, key, ca: roots })
  const options = { ...contextOf(), requestCert: true, rejectUnauthorized: false }
  const server = tls.createServer(options, (socket) => {
    const peer = socket.getPeerX509Certificate()
    const error: unknown = socket.authorizationError
    const verdict = socket.authorized ? peer?.subjectAltName : String(error)
    socket.write(`${peer ? verdict : 'none'}\n`)
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  keeper.follow((now) => server.setSecureContext(contextOf(now)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  test.after(() => server.close())
  return (server.address() as AddressInfo).port
}

async function connect(test: TestContext, port: number, own: Partial<KeyWithChain>) {
  const socket = tls.connect({
    host: '127.0.0.1',
    port,
    servername: serverName,
    ca: own.roots ?? '',
    ...(own.chain === undefined ? {} : { cert: own.chain }),
    ...(own.key === undefined ? {} : { key: own.key }),
  })
  test.after(() => socket.destroy())
  socket.setEncoding('utf8')
  const [verdict] = (await once(socket, 'data')) as [string]
  return { socket, verdict: verdict.trim() }
}

describe('a server with such a certificate', () => {
  for (const { name, make, want } of peers) {
    it(`takes a client with ${name} for: ${want}`, async (test) => {
      const rig = await startIdentityRig(test, now)
      const foreign = await startIdentityRig(test, now)
      const keeper = await keep(rig)
      test.after(() => keeper.stop())
      const port = await listen(test, keeper)
      const { verdict } = await connect(test, port, await make(rig, foreign))
      assert.equal(verdict, want)
    })
  }

  it('keeps its connections while root and certificates are rotated, and takes old and new ones', async (test) => {
    const rig = await startIdentityRig(test, now)
    const { ca, clock, folder } = rig
    const keeper = await keep(rig)
    test.after(() => keeper.stop())
    const port = await listen(test, keeper)
    const old = await certify(ca, workload)
    const { socket } = await connect(test, port, old)
    const echo = async (text: string) => {
      socket.write(text)
      assert.deepEqual(await once(socket, 'data'), [text])
    }
    let heard = 0
    keeper.follow(() => (heard += 1))

    await echo('before')
    await addNextRoot(new CaFolder(folder), clock.wall())
    await ca.refresh()
    await until(() => heard === 1)
    const between = { ...old, roots: ca.roots() }
    await echo('both roots are trusted')
    await activateNextRoot(new CaFolder(folder))
    await ca.refresh()
    await until(() => heard === 2)
    await echo('the next root signs')

    for (const own of [between, await certify(ca, workload)]) {
      const { verdict } = await connect(test, port, own)
      assert.equal(verdict, 'URI:spiffe://cluster.local/ns/vms/sa/web')
    }
    await echo('after')
  })
})
