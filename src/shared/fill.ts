/** The form of all texts that are not i18next's. Apart, as those of failures and of contents are filled the same way. */
/** `{x}` is the fact of that name; a part in square brackets vanishes where its fact is absent or empty. */
export function fill(text: string, facts: Readonly<Record<string, string | number | undefined>>): string {
  const known = (name: string) => String(facts[name] ?? '')
  return text
    .replaceAll(/\[([^\]]*)\]/g, (_, part: string) =>
      [...part.matchAll(/\{(\w+)\}/g)].every(([, name = '']) => known(name) !== '') ? part : '',
    )
    .replaceAll(/\{(\w+)\}/g, (_, name: string) => known(name))
}
