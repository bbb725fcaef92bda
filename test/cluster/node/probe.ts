import type { V1Container, V1Pod, V1Probe } from '@kubernetes/client-node'
import { runProgram } from '../run-program.ts'
import type { Container } from './container.ts'

export interface Probed {
  readonly pod: V1Pod
  readonly spec: V1Container
  readonly container: Container
  readonly address: string
  /** Words before those of a program that shall run on the node. */
  readonly enter: readonly string[]
}

/**
 * Tries once, as a kubelet does from the node.
 * @throws when such a probe is not supported here.
 */
export async function probe(wanted: V1Probe, probed: Probed): Promise<boolean> {
  const { spec, container, address, enter } = probed
  const seconds = `${wanted.timeoutSeconds ?? 1}`
  if (wanted.exec) {
    const argv = ['timeout', seconds, ...(wanted.exec.command ?? [])]
    return (await container.exec(argv)).code === 0
  }
  if (wanted.httpGet) {
    const { scheme = 'HTTP', host = address, port, path = '/', httpHeaders = [] } = wanted.httpGet
    const at = host.includes(':') ? `[${host}]` : host
    const url = `${scheme.toLowerCase()}://${at}:${portOf(spec, port)}${path}`
    const said = httpHeaders.flatMap(({ name, value }) => ['--header', `${name}: ${value}`])
    const argv = ['curl', '-sk', '-o', '/dev/null', '-w', '%{http_code}', '--max-time', seconds]
    const { stdout } = await runProgram([...enter, ...argv, ...said, url])
    return Number(stdout) >= 200 && Number(stdout) < 400
  }
  if (wanted.tcpSocket) {
    const { host = address, port } = wanted.tcpSocket
    const script = `exec 3<>/dev/tcp/${host}/${portOf(spec, port)}`
    const argv = [...enter, 'timeout', seconds, 'bash', '-c', script]
    return (await runProgram(argv)).code === 0
  }
  throw new Error(`${spec.name}: such a probe is not supported here`)
}

function portOf({ ports = [] }: V1Container, port: unknown): number {
  const named = ports.find(({ name }) => name === port)
  return named?.containerPort ?? Number(port)
}
