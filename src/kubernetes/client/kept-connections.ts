import { isDeepStrictEqual } from 'node:util'
import { HttpMethod, KubeConfig, RequestContext } from '@kubernetes/client-node'
import type { Dispatcher } from 'undici'

type Wanted = ReturnType<KubeConfig['createDispatcherOptions']>

/**
 * A kubeconfig whose calls share connections, as long as they are made by the same certificates and the
 * same way. The library would have each call connect anew, and shake hands.
 */
export class ConnectedConfig extends KubeConfig {
  #wanted: Wanted | undefined
  #kept: { readonly wanted: Wanted | undefined; readonly dispatcher: Dispatcher } | undefined

  /** Asked for by the library, right before it makes connections for a call. */
  override createDispatcherOptions(
    ...facts: Parameters<KubeConfig['createDispatcherOptions']>
  ): Wanted {
    this.#wanted = super.createDispatcherOptions(...facts)
    return this.#wanted
  }

  /** A call that can be authorized. */
  request(server: string): RequestContext {
    return new SharingRequest(server, (fresh) => this.#keep(fresh))
  }

  /** `fresh` was made as it was asked for last. Those that it replaces close when nobody uses them any more. */
  #keep(fresh: Dispatcher): Dispatcher {
    if (!this.#kept || !isDeepStrictEqual(this.#wanted, this.#kept.wanted)) {
      this.#kept = { wanted: this.#wanted, dispatcher: fresh }
    }
    return this.#kept.dispatcher
  }
}

class SharingRequest extends RequestContext {
  readonly #keep: (fresh: Dispatcher) => Dispatcher

  constructor(server: string, keep: (fresh: Dispatcher) => Dispatcher) {
    super(server, HttpMethod.GET)
    this.#keep = keep
  }

  override setDispatcher(fresh: Dispatcher): void {
    super.setDispatcher(this.#keep(fresh))
  }
}
