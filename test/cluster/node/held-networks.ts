import { readdirSync, readlinkSync } from 'node:fs'
import type { PodLife } from './pod-life.ts'

/** How many networks of others an agent has open, each counted once: it looks at some anew now and then. */
export function networksHeldBy(agent: PodLife): number {
  const folder = `/proc/${agent.container('agent')?.pid}/fd`
  const open = readdirSync(folder).map((fd) => {
    try {
      return readlinkSync(`${folder}/${fd}`)
    } catch {
      return 'closed just now'
    }
  })
  return new Set(open.filter((to) => /^net:|^\/proc\/\d+\/ns\/net$/.test(to))).size
}
