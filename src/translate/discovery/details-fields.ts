// What is read of our extension of workload discovery: each is a part of the generated message.

export interface DetailsFields {
  readonly declarations: readonly DeclarationFields[]
  readonly roles: readonly RoleFields[]
  readonly unixPath: string
  readonly origin?: OriginFields | undefined
}

export interface DeclarationFields {
  readonly origin?: OriginFields | undefined
  readonly registry: string
  readonly shortName: string
  readonly addresses: readonly Uint8Array[]
  readonly prefixes: readonly string[]
  readonly allocatable: boolean
  readonly ports: readonly DeclaredPortFields[]
  readonly resolution: string
  readonly headless: boolean
  readonly publishNotReady: boolean
  readonly externalName: string
  readonly exportTo: readonly string[]
  readonly ttlSeconds?: number | undefined
  readonly createdAtMs: bigint
  readonly routingPreference: readonly number[]
  readonly strict: boolean
}

export interface DeclaredPortFields {
  readonly number: number
  readonly name: string
  readonly protocol: string
  readonly targetPort: number
}

export interface OriginFields {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly file: string
  readonly line: number
}

export interface RoleFields {
  readonly service: string
  readonly declaredBy: string
  readonly hostname: string
  readonly ports: Readonly<Record<number, number>>
  readonly ownPorts: boolean
}
