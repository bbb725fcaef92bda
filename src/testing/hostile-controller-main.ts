/**
 * Stands in a controller's place and does no good, for tests: `hostile-controller-main.ts MODE ADDRESS PORT CA_FOLDER`.
 * Prints `taken` for each connection, or each stream where it gets as far.
 */
import { randomBytes } from 'node:crypto'
import http2 from 'node:http2'
import net from 'node:net'
import tls from 'node:tls'
import { systemClock } from '../base/clock.ts'
import { Health } from '../base/health.ts'
import { silentLog } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import { createRandom } from '../base/random.ts'
import { CaFolder } from '../identity/ca-folder.ts'
import { CertificateAuthority } from '../identity/certificate-authority.ts'
import { ServerCertificate } from '../identity/server-certificate.ts'

const [mode = '', address = '', port = '', folder = ''] = process.argv.slice(2)

/** Begins a message of 1,000 octets (gRPC over HTTP/2, «Length-Prefixed-Message»). */
const halfMessage = Buffer.concat([Buffer.from('00000003e8', 'hex'), randomBytes(10)])
/** A whole message that is none. */
const garbageMessage = Buffer.from('0000000005ffffffffff', 'hex')
/** The first octets of a record of a TLS handshake. */
const halfRecord = Buffer.from('16030340000200', 'hex')

/** What it does with each connection. */
const connections: Readonly<Record<string, (socket: net.Socket) => void>> = {
  'says nothing': () => {},
  'says noise': (socket) => void socket.write(randomBytes(4_096)),
  'says half of a record': (socket) => void socket.once('data', () => socket.end(halfRecord)),
}

/** What it does with each stream, over TLS and with a certificate that machines believe. */
const streams: Readonly<Record<string, (stream: http2.ServerHttp2Stream) => void>> = {
  'says nothing on its streams': () => {},
  'says garbage on its streams': (stream) => void stream.write(garbageMessage),
  'says half a message on its streams': (stream) =>
    void stream.write(halfMessage, () => stream.session?.destroy()),
}

const server = await createServer()
server.listen(Number(port), address, () => process.stdout.write('ready\n'))

async function createServer(): Promise<net.Server> {
  const onConnection = connections[mode]
  if (onConnection) return net.createServer((socket) => onConnection(take(socket)))
  const options = await tlsOptions()
  if (mode === 'says noise over TLS') {
    return tls.createServer(options, (socket) => void take(socket).write(randomBytes(4_096)))
  }
  const onStream = streams[mode]
  if (!onStream) throw new Error(`an unknown mode: ${mode}`)
  const overTls = http2.createSecureServer(options)
  overTls.on('session', (session) => session.on('error', () => {}))
  overTls.on('stream', (stream) => {
    take(stream).respond({ ':status': 200, 'content-type': 'application/grpc' })
    onStream(stream)
  })
  return overTls
}

function take<T extends NodeJS.EventEmitter>(taken: T): T {
  taken.on('error', () => {})
  process.stdout.write('taken\n')
  return taken
}

async function tlsOptions(): Promise<tls.TlsOptions> {
  const ports = { clock: systemClock, log: silentLog, health: new Health(), meters: new Meters() }
  const settings = { store: new CaFolder(folder), trustDomain: 'cluster.local', pollMs: 60_000 }
  const ca = await CertificateAuthority.start(settings, ports)
  const certificate = await ServerCertificate.start({
    ca,
    names: ['istiod.istio-system.svc'],
    lifetimeSeconds: 3_600,
    ports,
    random: createRandom(),
  })
  const { chain: cert, key } = certificate.current()
  return { cert, key, ALPNProtocols: ['h2'] }
}
