/** The first folder of a list with colons: systemd writes one when a unit names several. */
export function firstFolder(list: string | undefined): string | undefined {
  return list?.split(':').find((entry) => entry !== '')
}
