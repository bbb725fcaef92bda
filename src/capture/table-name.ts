/** Of the nftables table that is ours, in family inet. */
export const tableName = 'meshdns'
