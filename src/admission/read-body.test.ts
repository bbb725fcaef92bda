import assert from 'node:assert/strict'
import type { Http2ServerRequest } from 'node:http2'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { FakeClock } from '../testing/fake-clock.ts'
import { until } from '../testing/until.ts'
import { AdmissionOptions } from './options.ts'
import { HeldOctets, readBody } from './read-body.ts'

const options = AdmissionOptions.parse({ maxBodyOctets: 1_024 })

interface Case {
  readonly name: string
  /** Octets of all other requests. */
  readonly others: number
  readonly body: number
  readonly want: 'body' | 413 | 429
}

const cases: readonly Case[] = [
  { name: 'is read when just enough is left', others: HeldOctets.limit - 9, body: 9, want: 'body' },
  { name: 'is refused when others hold too much', others: HeldOctets.limit, body: 1, want: 429 },
  { name: 'is refused when it is too large', others: 0, body: 1_025, want: 413 },
]

describe('the body of a request', () => {
  for (const { name, others, body, want } of cases) {
    it(`${name}, and counts until the request is closed`, async () => {
      const octets = new HeldOctets()
      octets.held = others
      const stream = new PassThrough({ autoDestroy: false })
      const request = Object.assign(stream, { headers: {} })
      const ports = { clock: new FakeClock(), octets }
      const reading = readBody(request as unknown as Http2ServerRequest, options, ports)
      request.end(Buffer.alloc(body))
      const read = await reading
      assert.equal(read.kind === 'body' ? read.kind : read.status, want)
      assert.equal(octets.held, others + body)
      request.destroy()
      await until(() => octets.held === others)
    })
  }
})
