export interface AdminRequest {
  readonly path: string
  readonly query: URLSearchParams
}

export interface AdminResponse {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** One page. */
export interface Route {
  /** One sentence for whoever looks for a page. */
  readonly summary: string
  /** `loopback`: only for callers on this machine, wherever the server listens. */
  readonly access: 'anyone' | 'loopback'
  respond(request: AdminRequest): AdminResponse | Promise<AdminResponse>
}

/** Pages by their path, which must be matched exactly. */
export type Routes = Readonly<Record<string, Route>>

/** JSON for programs, indented for people. */
export function json(status: number, value: unknown): AdminResponse {
  const body = `${JSON.stringify(value, undefined, 2)}\n`
  return { status, contentType: 'application/json; charset=utf-8', body }
}
