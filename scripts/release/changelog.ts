/** Sections of CHANGELOG.md, which follows Keep a Changelog. */

/** @returns the text below the heading of the version, or null when the changelog does not have it */
export function changelogSection(changelog: string, version: string): string | null {
  const [, ...sections] = changelog.split(/^## /m);
  for (const section of sections) {
    const [, name] = /^\[?([\w.-]+?)\]?(?: - \d{4}-\d{2}-\d{2})?\n/.exec(section) ?? [];
    if (name === version) return section.slice(section.indexOf('\n')).trim();
  }
  return null;
}

/** @returns every reason why the tag cannot be released */
export function releaseProblems(tag: string, packageVersion: string, changelog: string): readonly string[] {
  const version = tag.replace(/^v/, '');
  const section = changelogSection(changelog, version);
  return [
    ...(version === packageVersion
      ? []
      : [`package.json has version ${packageVersion}, and the tag is ${tag}`]),
    ...(section === null ? [`CHANGELOG.md has no section for version ${version}`] : []),
    ...(section === '' ? [`the section of CHANGELOG.md for version ${version} is empty`] : []),
  ];
}
