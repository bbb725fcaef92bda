import type { Finding } from '../documents/finding.ts'
import type { CatalogChange, Declarations, ServicesByHost } from '../registry/catalog.ts'
import type { Sidecar } from '../registry/sidecar.ts'
import type { MeshObject, SidecarObject } from './mesh-object.ts'
import { sidecarOf } from './services/from-sidecar.ts'
import type { TranslateOptions } from './translate-options.ts'
import { Translator } from './translator.ts'
import type { ObjectChange } from './unique-objects.ts'

/** What the objects of a source declare; the source brings them, and says when followers hear of it. */
export class ObjectDeclarations implements Declarations {
  readonly #translator: Translator
  readonly #followers: ((change: CatalogChange) => void)[] = []
  #sidecars: readonly Sidecar[] = []

  constructor(options: TranslateOptions) {
    this.#translator = new Translator(options)
  }

  services(): ServicesByHost {
    return this.#translator.services()
  }

  sidecars(): readonly Sidecar[] {
    return this.#sidecars
  }

  /** Of several objects together; the same array as long as nothing changed. */
  findings(): readonly Finding[] {
    return this.#translator.findings()
  }

  follow(onChange: (change: CatalogChange) => void): void {
    this.#followers.push(onChange)
  }

  /** Puts objects in force; `inForce` gives all that there are then. Followers hear nothing yet. */
  update(change: ObjectChange, inForce: () => readonly MeshObject[]): CatalogChange {
    const hosts = this.#translator.update(change)
    const sidecars = change.gone.some(isSidecar) || change.come.some(isSidecar)
    if (sidecars) this.#sidecars = inForce().filter(isSidecar).map(sidecarOf)
    return { hosts, sidecars }
  }

  /** Has the objects in force mean something else from now on. Followers hear nothing yet. */
  translateAs(options: TranslateOptions): CatalogChange {
    return { hosts: this.#translator.setOptions(options), sidecars: false }
  }

  /** Has followers hear of a change. */
  tell(change: CatalogChange): void {
    for (const onChange of this.#followers) onChange(change)
  }
}

function isSidecar(object: MeshObject): object is SidecarObject {
  return object.kind === 'Sidecar'
}
