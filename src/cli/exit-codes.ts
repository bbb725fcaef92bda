/** What the process tells its caller; `docs/reference/cli.md` is printed from these. */
export const exitCodes = {
  /** Done as asked. */
  done: 0,
  /** Failed: the message says why. */
  failed: 1,
  /** Wrong usage: nothing was tried. */
  usage: 2,
  /** Not ready: something that is needed is not there yet. */
  notReady: 3,
} as const

/** One of `exitCodes`, or that of a command that was run for the user. */
export type ExitCode = number
