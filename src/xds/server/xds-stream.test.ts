import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeClock } from '../../testing/fake-clock.ts'
import { typeUrls } from '../type-url.ts'
import { EncodedResponse } from './encoded-response.ts'
import { Exchange } from './exchange.ts'
import type { DueResponse, Watch } from './watch.ts'
import { type StreamRequest, XdsStream } from './xds-stream.ts'

const response = new EncodedResponse([])

/** A type that has something to say as often as the test says so. */
class ScriptedWatch implements Watch<StreamRequest> {
  readonly exchange = new Exchange(new FakeClock(), 'stream')
  readonly needs = Number.POSITIVE_INFINITY
  readonly interest = 'all'
  readonly typeUrl: string
  readonly comesLast: boolean
  due: DueResponse = 'nothing'

  constructor(typeUrl: string) {
    this.typeUrl = typeUrl
    this.comesLast = typeUrl === typeUrls.cluster
  }

  receive(): void {}
  notice(): void {}

  next(): DueResponse {
    const { due } = this
    if (due !== response) return due
    this.due = 'nothing'
    this.exchange.send(this.typeUrl)
    return due
  }
}

/** A stream that asked for the cluster first, and for addresses then. */
function createRig() {
  const watches = new Map<string, ScriptedWatch>()
  const stream = new XdsStream<StreamRequest>({
    createWatch(typeUrl) {
      const watch = new ScriptedWatch(typeUrl)
      watches.set(typeUrl, watch)
      return watch
    },
    onReceipt: () => {},
    healthReported: () => {},
  })
  const ask = (typeUrl: string, responseNonce = '') => stream.receive({ typeUrl, responseNonce })
  ask(typeUrls.cluster)
  ask(typeUrls.address)
  const cluster = watches.get(typeUrls.cluster)
  const addresses = watches.get(typeUrls.address)
  assert.ok(cluster && addresses)
  const sent = () => {
    stream.next()
    return [cluster, addresses].map(({ exchange }) => exchange.sent !== undefined)
  }
  return { stream, cluster, addresses, ask, sent }
}

describe('what is said of the other types', () => {
  it('waits until these are said and acknowledged', () => {
    const { cluster, addresses, ask, sent } = createRig()
    cluster.due = response
    addresses.due = response
    assert.deepEqual(sent(), [false, true])
    assert.deepEqual(sent(), [false, true])
    ask(typeUrls.address, addresses.exchange.sent?.nonce)
    assert.deepEqual(sent(), [true, true])
  })

  it('waits while another type is busy', () => {
    const { stream, cluster, addresses, sent } = createRig()
    cluster.due = response
    addresses.due = 'later'
    assert.equal(stream.next(), 'later')
    assert.deepEqual(sent(), [false, false])
    addresses.due = 'nothing'
    assert.deepEqual(sent(), [true, false])
  })
})
