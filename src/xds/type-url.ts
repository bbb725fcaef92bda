/** What can be subscribed to, as it is called on the wire. */
export const typeUrls = {
  address: 'type.googleapis.com/istio.workload.Address',
  /** Ours: what is known of a Kubernetes cluster as a whole. Subscribed to where the server is ours. */
  cluster: 'type.googleapis.com/meshdns.v1.Cluster',
  nameTable: 'type.googleapis.com/istio.networking.nds.v1.NameTable',
  /** We have no policies; a ztunnel waits until it was told so. */
  authorization: 'type.googleapis.com/istio.security.Authorization',
  /** Not subscribed to: requests of this type report the health of the workload beside the proxy. */
  health: 'type.googleapis.com/istio.v1.HealthInformation',
} as const
