import type { PlainMap } from '../documents/plain-map.ts'
import { ApiFailure } from '../kubernetes/client/api-failure.ts'
import type { ApiCall } from '../kubernetes/client/cluster-client.ts'

/** One object that is read and replaced as the API does it: who writes must have seen what stands. */
export class FakeLeaseApi {
  spec: PlainMap | undefined
  version = 0
  /** When set, every call fails with this status (0: no answer). */
  fault: number | undefined
  /** Runs before each call is answered. */
  before: (call: ApiCall) => void | Promise<void> = () => {}

  async call(call: ApiCall): Promise<PlainMap> {
    await this.before(call)
    if (this.fault !== undefined) throw failure(this.fault)
    const { method = 'GET' } = call
    if (method === 'POST' && this.spec) throw failure(409)
    if (method !== 'POST' && !this.spec) throw failure(404)
    if (method !== 'GET') {
      const { metadata, spec } = call.body as { metadata: PlainMap; spec: PlainMap }
      if (method === 'PUT' && metadata['resourceVersion'] !== String(this.version)) {
        throw failure(409)
      }
      this.set(spec)
    }
    return { metadata: { resourceVersion: String(this.version) }, spec: this.spec }
  }

  set(spec: PlainMap): void {
    this.spec = spec
    this.version += 1
  }
}

function failure(status: number): ApiFailure {
  return new ApiFailure('the call', { status, reason: '', message: `status ${status}` })
}
