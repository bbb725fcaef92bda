/** Where `meshdns install` puts what the controller, and `workload entry configure`, read. */
export const controllerLayout = {
  /** Options of the controller. */
  options: '/etc/meshdns/controller.yaml',
  /** What holds for the whole mesh: an IstioOperator. */
  mesh: '/etc/meshdns/mesh.yaml',
  /** ServiceEntries and other objects. */
  objects: '/etc/meshdns/objects',
  /** Virtual addresses, registered machines, keys. */
  state: '/var/lib/meshdns-controller',
} as const
