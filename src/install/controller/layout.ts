/** Where `meshdns install` puts what the controller, and `workload entry configure`, read. */
export const controllerLayout = {
  /** Options of the controller. */
  options: '/etc/meshdns/controller.yaml',
  /** MeshConfig, as in Istio's ConfigMap `istio`. */
  mesh: '/etc/meshdns/mesh.yaml',
  /** `values` of the IstioOperator, as in Istio's ConfigMap `istio-sidecar-injector`. */
  values: '/etc/meshdns/values.yaml',
  /** ServiceEntries and other objects. */
  objects: '/etc/meshdns/objects',
  /** Virtual addresses, registered machines, keys. */
  state: '/var/lib/meshdns-controller',
} as const
