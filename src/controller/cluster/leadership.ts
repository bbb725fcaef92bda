/** Whether this replica is the one that writes. */
export interface Leadership {
  /** Calls back when that changes, and at once when it leads already. */
  follow(onChange: (leads: boolean) => void): void
}

/** For what may be written by several at once, as they write the same. */
export const everybodyLeads: Leadership = {
  follow: (onChange) => onChange(true),
}
