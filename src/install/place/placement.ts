/**
 * Something that an installation puts on a machine; plain data.
 *
 * Paths are absolute, as the machine itself sees them, whatever folder stands for its root now.
 */
export type Placement = FilePlacement | LinkPlacement | FolderPlacement | BlockPlacement

export interface FilePlacement {
  readonly kind: 'file'
  readonly path: string
  readonly text: string
  readonly mode: number
  /** Name of a user and group; root when missing. */
  readonly owner?: string
  /** Not to be shown to anybody. */
  readonly secret?: true
  /** Is for people to edit: one that is there stays as it is. */
  readonly keep?: true
}

export interface LinkPlacement {
  readonly kind: 'link'
  readonly path: string
  readonly target: string
}

/** One that is there already stays as it is. */
export interface FolderPlacement {
  readonly kind: 'folder'
  readonly path: string
  readonly mode: number
  readonly owner?: string
  /** What a program of ours keeps in it goes when the folder goes. */
  readonly whole?: true
}

/** Lines of ours in somebody else's file, between markers. */
export interface BlockPlacement {
  readonly kind: 'block'
  readonly path: string
  /** Ends in a line feed. */
  readonly text: string
}
