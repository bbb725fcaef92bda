import { existsSync, readFileSync } from 'node:fs'

/** Signals that a caller may send to us and means for the command. */
const forwarded = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const

/** Signals that a terminal sends to the command as well as to us. */
const ofTerminal = ['SIGINT', 'SIGQUIT'] as const

/** Where signals arrive: the process, or a test's stand-in. */
export interface SignalTarget {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
}

/**
 * Passes signals on as long as the command runs; the result ends that.
 *
 * Ctrl-C reaches the command by itself, since it shares our terminal's foreground process group.
 */
export function forwardSignals(
  target: SignalTarget,
  send: (signal: NodeJS.Signals) => void,
  isInForeground: () => boolean = isForegroundGroup,
): () => void {
  const pass = (signal: NodeJS.Signals) => send(signal)
  const passUnlessShared = (signal: NodeJS.Signals) => {
    if (!isInForeground()) send(signal)
  }
  for (const signal of forwarded) target.on(signal, pass)
  for (const signal of ofTerminal) target.on(signal, passUnlessShared)
  return () => {
    for (const signal of forwarded) target.off(signal, pass)
    for (const signal of ofTerminal) target.off(signal, passUnlessShared)
  }
}

/** Whether our process group is the one that the terminal's keys go to (proc_pid_stat(5): pgrp, tpgid). */
function isForegroundGroup(): boolean {
  // Elsewhere nobody says; Ctrl-C is the likelier sender.
  if (!existsSync('/proc/self/stat')) return true
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[2] === fields[5]
}
