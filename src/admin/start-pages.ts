import { CodedError } from '../base/coded-error.ts'
import type { Running } from '../base/scope.ts'
import { parseIp } from '../ip/address.ts'
import { parseSocketAddress, type SocketAddress } from '../ip/socket-address.ts'
import { type AdminPorts, type AdminServer, startAdminServer } from './admin-server.ts'
import type { Routes } from './route.ts'

export interface Pages extends Running {
  /** The first one, where there are several. */
  readonly address: SocketAddress
}

/**
 * Serves pages at ADDRESS:PORT, or with `*:PORT` at every address of both families, as far as the machine has them.
 * @throws {AdminBindError} when an address cannot be had; nothing is served then.
 */
export async function startPages(text: string, routes: Routes, ports: AdminPorts): Promise<Pages> {
  const [, everywhere] = /^\*:(\d{1,5})$/.exec(text) ?? []
  if (everywhere === undefined) return startAdminServer(parseSocketAddress(text), routes, ports)
  const v4 = { address: parseIp('0.0.0.0'), port: Number(everywhere) }
  const first = await startAdminServer(v4, routes, ports)
  const second = await startSecond(first, routes, ports)
  return {
    address: first.address,
    async stop() {
      await Promise.all([first.stop(), second?.stop()])
    },
  }
}

async function startSecond(
  first: AdminServer,
  routes: Routes,
  ports: AdminPorts,
): Promise<AdminServer | undefined> {
  try {
    const v6 = { address: parseIp('::'), port: first.address.port }
    return await startAdminServer(v6, routes, ports)
  } catch (error) {
    if (isWithoutIpv6(error)) return undefined
    await first.stop()
    throw error
  }
}

function isWithoutIpv6(error: unknown): boolean {
  const cause = error instanceof CodedError ? error.cause : undefined
  const { code } = (cause ?? {}) as { readonly code?: unknown }
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
}
