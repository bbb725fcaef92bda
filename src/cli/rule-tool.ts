import { createRunTool, type RunTool } from '../capture/run-tool.ts'
import type { CommandIo } from './command-io.ts'

/** Runs programs that set rules; a container without a file system to write to says where iptables has its lock. */
export function ruleTool({ clock, env }: CommandIo): RunTool {
  const { PATH: path = '', XTABLES_LOCKFILE: lock } = env
  return createRunTool({
    clock,
    path,
    ...(lock === undefined ? {} : { env: { XTABLES_LOCKFILE: lock } }),
  })
}
