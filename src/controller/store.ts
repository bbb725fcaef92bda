import type { Ledger } from '../allocate/ledger.ts'
import type { ControlPlaneConfig } from '../config/control-plane-config.ts'
import type { Finding } from '../documents/finding.ts'
import type { ControllerIdentity } from '../identity/controller-identity.ts'
import type { IdentityOptions } from '../identity/options.ts'
import type { Catalog } from '../registry/catalog.ts'
import type { ClusterFactsSource } from '../registry/cluster-facts.ts'
import type { MeshObject } from '../translate/mesh-object.ts'
import type { WorkloadEntryStore } from '../translate/registration/workload-entry-store.ts'

/** What is said about the mesh as a whole. */
export interface FollowedMesh {
  current(): ControlPlaneConfig
  /** Calls back after each change. */
  follow(onConfig: (config: ControlPlaneConfig) => void): void
}

/** The objects that services are made of. */
export interface DeclaredObjects {
  /** The checked objects in force; the same array as long as nothing changed. */
  objects(): readonly MeshObject[]
  /** Everything that there is to say about them. */
  findings(): readonly Finding[]
}

/** What exists in the mesh, and who holds which virtual address. */
export interface LedgerCatalog extends Catalog {
  readonly ledger: Ledger
}

/** What the identity of a controller is made for. */
export interface IdentityNeeds {
  readonly options: IdentityOptions
  /** By which agents reach the controller. */
  readonly serverNames: readonly string[]
}

/** Where a mesh comes from, and where what must outlive a controller is kept: files, or a cluster. */
export interface MeshStore {
  readonly mesh: FollowedMesh
  readonly source: DeclaredObjects
  readonly catalog: LedgerCatalog
  /** What is known of the cluster as a whole, where there is one. */
  readonly cluster?: ClusterFactsSource
  /** Of machines that registered. */
  readonly entries: WorkloadEntryStore
  /** For objects that do not say who sees them, from now on. */
  setDefaultExportTo(exportTo: readonly string[]): void
  /** To be called once; it is stopped with everything else. */
  startIdentity(needs: IdentityNeeds): Promise<ControllerIdentity>
  /** To be called when everybody is served: from then on we write what others have to do without us. */
  lead?(): Promise<void>
  /** Reads everything again now. */
  reload(): Promise<void>
}
