import type { Expectation } from './demo-page.ts'
import { upstream } from './upstream.ts'

/** One command of the demo. */
export interface Step extends Expectation {
  readonly argv: readonly string[]
  /** Stands in where the program is not installed. */
  readonly instead?: readonly string[]
  /** Runs outside of the mesh, as a person would. */
  readonly outside?: true
}

/** Several commands under one heading. */
export interface Chapter {
  readonly title: string
  readonly steps: readonly Step[]
}

const server = `${upstream.address}:53`

function dig(name: string, says: string, want: RegExp): Step {
  return {
    argv: ['dig', '+noall', '+answer', name],
    instead: ['meshdns', 'lookup', '--server', server, name, 'A'],
    says,
    want: [want],
  }
}

function curl(url: string, says: string, want: readonly RegExp[]): Step {
  return { argv: ['curl', '-v', url], instead: ['meshdns-client', url], says, want }
}

function cat(file: string, says: string): Step {
  return { argv: ['cat', file], outside: true, says, want: [/kind: ServiceEntry/] }
}

function connect(host: string, says: string, want: RegExp): Step {
  return {
    argv: ['bash', '-c', `cat < /dev/tcp/${host}/9000`],
    instead: ['meshdns-client', `tcp://${host}:9000`],
    says,
    want: [want],
  }
}

export const chapters: readonly Chapter[] = [
  {
    title: 'A host with an address',
    steps: [
      cat('examples/external-address.yaml', 'The entry gives the host an address.'),
      dig('address.internal', 'The name is answered with it.', /A\s+198\.51\.100\.1$/m),
      curl('http://address.internal', 'And the connection goes there.', [
        /Trying 198\.51\.100\.1:80/,
        /service at 198\.51\.100\.1\./,
      ]),
    ],
  },
  {
    title: 'A host without an address',
    steps: [
      cat('examples/external-auto.yaml', 'The entry has an endpoint, but gives no address.'),
      dig(
        'auto.internal',
        'So the host was given a virtual one, which exists nowhere else.',
        /A\s+240\.240\.0\.1$/m,
      ),
      curl('http://auto.internal', 'A connection to it is carried to the endpoint, 198.51.100.2.', [
        /Trying 240\.240\.0\.1:80/,
        /service at 198\.51\.100\.2\./,
      ]),
    ],
  },
  {
    title: 'Two TCP services on one port',
    steps: [
      cat('examples/two-on-one-port.yaml', 'Neither speaks HTTP: no header says which is meant.'),
      connect('orders.internal', 'The address tells: this one is orders.', /the orders service/),
      connect('payments.internal', 'And this one is payments, same port.', /the payments service/),
    ],
  },
  {
    title: 'Everything else',
    steps: [
      dig(
        'www.outside.example',
        'A name outside of the mesh is answered by the server of resolv.conf.',
        /A\s+203\.0\.113\.80$/m,
      ),
      {
        argv: ['meshdns', 'explain', '-f', 'examples', 'auto.internal'],
        outside: true,
        says: 'Why a name resolves as it does, anytime.',
        want: [/240\.240\.0\.1/, /198\.51\.100\.2:80/],
      },
    ],
  },
]
