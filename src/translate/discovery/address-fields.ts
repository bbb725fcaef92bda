import type {
  LoadBalancing_HealthPolicy,
  LoadBalancing_Mode,
  WorkloadStatus,
} from '../../rpc/gen/istio/workload/workload_pb.js'

// What is read of the messages of workload discovery: each is a part of the generated one.

export interface AddressFields {
  readonly type:
    | { readonly case: 'service'; readonly value: ServiceFields }
    | { readonly case: 'workload'; readonly value: WorkloadFields }
    | { readonly case: undefined; readonly value?: undefined }
}

export interface ServiceFields {
  readonly name: string
  readonly namespace: string
  readonly hostname: string
  readonly addresses: readonly { readonly address: Uint8Array }[]
  readonly ports: readonly PortFields[]
  readonly loadBalancing?: LoadBalancingFields | undefined
  readonly extensions: readonly ExtensionFields[]
  readonly canonical: boolean
}

export interface PortFields {
  readonly servicePort: number
  readonly targetPort: number
}

export interface LoadBalancingFields {
  readonly routingPreference: readonly number[]
  readonly mode: LoadBalancing_Mode
  readonly healthPolicy: LoadBalancing_HealthPolicy
}

export interface ExtensionFields {
  readonly name: string
  readonly config?: { readonly typeUrl: string; readonly value: Uint8Array } | undefined
}

export interface WorkloadFields {
  readonly name: string
  readonly namespace: string
  readonly addresses: readonly Uint8Array[]
  readonly network: string
  readonly serviceAccount: string
  readonly node: string
  readonly status: WorkloadStatus
  readonly uid: string
  readonly hostname: string
  readonly services: Readonly<Record<string, PortListFields>>
  readonly locality?: LocalityFields | undefined
  readonly extensions: readonly ExtensionFields[]
  readonly capacity?: number | undefined
}

export interface PortListFields {
  readonly ports: readonly PortFields[]
}

export interface LocalityFields {
  readonly region: string
  readonly zone: string
  readonly subzone: string
}
