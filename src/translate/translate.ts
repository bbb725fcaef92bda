import type { Finding } from '../documents/finding.ts'
import type { Service } from '../registry/service.ts'
import type { MeshObject } from './mesh-object.ts'
import type { TranslateOptions } from './translate-options.ts'
import { Translator } from './translator.ts'
import { UniqueObjects } from './unique-objects.ts'

export interface Translated {
  readonly services: readonly Service[]
  readonly findings: readonly Finding[]
}

/** Turns all objects of the mesh into services, in the order of the objects and of their hosts. */
export function translate(objects: readonly MeshObject[], options: TranslateOptions): Translated {
  const unique = new UniqueObjects()
  const translator = new Translator(options)
  translator.update(unique.update([{ name: '', objects }]))
  const services = [...translator.inOrder()]
  return { services, findings: [...unique.findings(), ...translator.findings()] }
}
