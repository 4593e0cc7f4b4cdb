/** Ids of tenants of Microsoft, as somebody named them, each once. */

/** Throws a TypeError for what is no id of a tenant, and where there is none. */
export function tenantsOf(source: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) throw new TypeError(`the ${source} source needs the id of a tenant`);
  const odd = names.find((name) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name));
  if (odd !== undefined)
    throw new TypeError(
      `${JSON.stringify(odd)} is not the id of a tenant; it is written like 84841066-274d-4ec0-a5c1-276be684bdd3`,
    );
  return [...new Set(names.map((name) => name.toLowerCase()))];
}
