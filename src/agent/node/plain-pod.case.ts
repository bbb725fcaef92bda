import type { NodePod } from './node-pod.ts'

/** One that wants nothing special. */
export const plainPod: NodePod = {
  uid: 'uid',
  namespace: 'shop',
  name: 'app',
  labels: {},
  hostNetwork: false,
  ended: false,
  refusesCapture: false,
  hasSidecar: false,
  dns: { policy: 'ClusterFirst', nameservers: [], searches: [], options: [] },
}
