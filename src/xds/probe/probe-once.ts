import { once } from 'node:events'
import { connect } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import { reasonOf } from '../../base/reason-of.ts'
import type { ProbeMethod } from '../../config/readiness-probe.ts'
import { probeExec } from './exec-probe.ts'
import { probeGrpc } from './grpc-probe.ts'
import { probeHttp } from './http-probe.ts'

export interface ProbeLimits {
  readonly clock: Clock
  readonly timeoutMs: number
  /** Ends a probe that nobody wants to know of any more. */
  readonly signal: AbortSignal
}

/** Asks once; the reason when the application is not well. */
export async function probeOnce(
  method: ProbeMethod,
  { clock, timeoutMs, signal }: ProbeLimits,
): Promise<string | undefined> {
  const timeout = new AbortController()
  const cancel = clock.after(timeoutMs, () => timeout.abort())
  const either = AbortSignal.any([timeout.signal, signal])
  try {
    await probe(method, either)
    return undefined
  } catch (error) {
    if (timeout.signal.aborted) return `no answer in ${timeoutMs / 1_000} s`
    return reasonOf(error)
  } finally {
    cancel()
  }
}

function probe(method: ProbeMethod, signal: AbortSignal): Promise<void> {
  switch (method.kind) {
    case 'http':
      return probeHttp(method, signal)
    case 'tcp':
      return probeTcp(method, signal)
    case 'exec':
      return probeExec(method.command, signal)
    case 'grpc':
      return probeGrpc(method, signal)
  }
}

async function probeTcp(
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<void> {
  const socket = connect({ host: host || 'localhost', port })
  try {
    await once(socket, 'connect', { signal })
  } finally {
    socket.destroy()
  }
}
