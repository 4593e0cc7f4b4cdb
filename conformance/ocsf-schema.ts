/**
 * Judges OCSF events by the schema's own source files (ocsf/ocsf-schema): class inheritance, includes, profiles,
 * dictionary types, enumerations and their captions, constraints. Written against the metaschema's description, because
 * the project publishes no JSON Schema.
 */

type Json = null | boolean | number | string | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [key: string]: Json;
}

interface Attribute {
  readonly type?: string;
  readonly is_array?: boolean;
  readonly requirement?: string;
  readonly enum?: Readonly<Record<string, { readonly caption: string }>>;
  readonly sibling?: string;
  /** Profile that it belongs to; null or missing for one of the class itself. */
  readonly profile?: string | null;
}

interface Definition {
  readonly name?: string;
  readonly extends?: string;
  readonly uid?: number;
  readonly category?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly constraints?: Readonly<Record<string, readonly string[]>>;
}

interface Resolved {
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly constraints: Readonly<Record<string, readonly string[]>>;
}

interface DataType {
  readonly type?: string;
  readonly regex?: string;
  readonly range?: readonly [number, number];
  readonly max_len?: number;
}

export type OcsfFiles = Readonly<Record<string, unknown>>;

/** What is wrong with an event, one line each; empty when nothing is. */
export function ocsfValidator(files: OcsfFiles): (event: unknown) => string[] {
  const dictionary = files['dictionary.json'] as {
    readonly attributes: Readonly<Record<string, Attribute>>;
    readonly types: { readonly attributes: Readonly<Record<string, DataType>> };
  };
  const categories = (
    files['categories.json'] as { readonly attributes: Readonly<Record<string, { readonly uid: number }>> }
  ).attributes;
  const byName = (folder: string): Map<string, Definition> =>
    new Map(
      Object.entries(files)
        .filter(([path]) => path.startsWith(`${folder}/`))
        .map(([, definition]) => definition as Definition)
        .flatMap((definition) =>
          definition.name === undefined ? [] : [[definition.name, definition] as const],
        ),
    );
  const classes = byName('events');
  const objects = byName('objects');
  const resolvedObjects = new Map<string, Resolved>();

  /** Inherited attributes, then included ones, then its own; each over what the dictionary says of the name. */
  function resolve(definition: Definition, among: ReadonlyMap<string, Definition>): Resolved {
    const parent = definition.extends === undefined ? undefined : among.get(definition.extends);
    const inherited = parent === undefined ? null : resolve(parent, among);
    const attributes = new Map(inherited?.attributes ?? []);
    const add = (name: string, given: Attribute, profile: string | undefined): void => {
      const before = attributes.get(name) ?? dictionary.attributes[name] ?? {};
      const merged = {
        ...before,
        ...given,
        ...(before.enum || given.enum ? { enum: { ...before.enum, ...given.enum } } : {}),
      };
      attributes.set(name, profile === undefined ? merged : { profile, ...merged });
    };
    const { $include: included, ...own } = (definition.attributes ?? {}) as Record<string, Attribute> & {
      readonly $include?: string | readonly string[];
    };
    for (const path of [included ?? []].flat()) {
      const profile = files[path] as Definition | undefined;
      for (const [name, given] of Object.entries(profile?.attributes ?? {}))
        add(name, given as Attribute, profile?.name);
    }
    for (const [name, given] of Object.entries(own)) add(name, given as Attribute, undefined);
    return { attributes, constraints: { ...inherited?.constraints, ...definition.constraints } };
  }

  function objectNamed(name: string): Resolved | undefined {
    const known = resolvedObjects.get(name);
    const definition = objects.get(name);
    if (known !== undefined || definition === undefined) return known;
    const made = resolve(definition, objects);
    resolvedObjects.set(name, made);
    return made;
  }

  function categoryOf(definition: Definition | undefined): string | undefined {
    for (
      let at = definition;
      at !== undefined;
      at = at.extends === undefined ? undefined : classes.get(at.extends)
    ) {
      if (at.category !== undefined && at.name !== 'base_event') return at.category;
    }
    return undefined;
  }

  function judgeObject(
    value: JsonObject,
    schema: Resolved,
    profiles: readonly string[],
    path: string,
  ): string[] {
    const applies = ({ profile }: Attribute): boolean =>
      profile === undefined || profile === null || profiles.includes(profile);
    const found: string[] = [];
    for (const [name, given] of Object.entries(value)) {
      const attribute = attributeOf(schema, name, profiles);
      if (attribute === undefined || !applies(attribute)) found.push(`${path}${name} is no attribute here`);
      else
        found.push(
          ...judgeAttribute(given, attribute, profiles, `${path}${name}`),
          ...judgeSibling(value, name, attribute, path),
        );
    }
    for (const [name, attribute] of schema.attributes) {
      if (attribute.requirement === 'required' && applies(attribute) && value[name] === undefined) {
        found.push(`${path}${name} is required`);
      }
    }
    const { at_least_one: one, just_one: just } = schema.constraints;
    const present = (names: readonly string[]): number =>
      names.filter((name) => value[name] !== undefined).length;
    if (one !== undefined && present(one) === 0) found.push(`${path} needs one of ${one.join(', ')}`);
    if (just !== undefined && present(just) !== 1)
      found.push(`${path} needs exactly one of ${just.join(', ')}`);
    return found;
  }

  /** The profile `datetime` gives each timestamp a twin in RFC 3339. */
  function attributeOf(schema: Resolved, name: string, profiles: readonly string[]): Attribute | undefined {
    const own = schema.attributes.get(name);
    if (own !== undefined || !name.endsWith('_dt') || !profiles.includes('datetime')) return own;
    const twin = schema.attributes.get(name.slice(0, -3));
    return twin?.type === 'timestamp_t' ? { type: 'datetime_t' } : undefined;
  }

  function judgeAttribute(
    value: Json,
    attribute: Attribute,
    profiles: readonly string[],
    path: string,
  ): string[] {
    if (attribute.is_array === true) {
      if (!Array.isArray(value)) return [`${path} is not a list`];
      const single = { ...attribute, is_array: false };
      return value.flatMap((each: Json, index) =>
        judgeAttribute(each, single, profiles, `${path}[${index}]`),
      );
    }
    const type = attribute.type ?? '';
    if (type === 'json_t') return [];
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!type.endsWith('_t')) {
      if (!isObject) return [`${path} is not an object`];
      // `object` is free of form.
      const schema = type === 'object' ? undefined : objectNamed(type);
      return schema === undefined ? [] : judgeObject(value as JsonObject, schema, profiles, `${path}.`);
    }
    const problem = typeProblem(value, type);
    if (problem !== null) return [`${path} ${problem}`];
    const isKnown = attribute.enum === undefined || Object.hasOwn(attribute.enum, String(value));
    return isKnown ? [] : [`${path} is ${String(value)}, which the enumeration does not have`];
  }

  function typeProblem(value: Json, type: string): string | null {
    const definition = dictionary.types.attributes[type] ?? {};
    const base = definition.type ?? type;
    const fits =
      base === 'string_t'
        ? typeof value === 'string'
        : base === 'boolean_t'
          ? typeof value === 'boolean'
          : base === 'float_t'
            ? typeof value === 'number'
            : Number.isSafeInteger(value);
    if (!fits) return `is not of type ${type}`;
    if (definition.regex !== undefined && !new RegExp(definition.regex).test(String(value)))
      return `does not match ${type}`;
    const [low, high] = definition.range ?? [-Infinity, Infinity];
    if (typeof value === 'number' && (value < low || value > high)) return `is outside ${type}`;
    if (String(value).length > (definition.max_len ?? Infinity)) return `is longer than ${type} may be`;
    return null;
  }

  /** A caption beside an enumerated id says the same, except beside 99, Other. */
  function judgeSibling(
    value: JsonObject,
    name: string,
    { enum: members, sibling }: Attribute,
    path: string,
  ): string[] {
    const caption = members?.[String(value[name])]?.caption;
    const beside = sibling === undefined ? undefined : value[sibling];
    if (caption === undefined || beside === undefined || value[name] === 99 || beside === caption) return [];
    return [
      `${path}${sibling} is ${JSON.stringify(beside)} beside ${name} ${String(value[name])}, which is ${caption}`,
    ];
  }

  return (given) => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return ['an event is an object'];
    const event = given as JsonObject;
    const definition = [...classes.values()].find((each) => {
      const category = categories[categoryOf(each) ?? '']?.uid;
      return (
        category !== undefined && each.uid !== undefined && category * 1000 + each.uid === event.class_uid
      );
    });
    if (definition === undefined) return [`class_uid ${String(event.class_uid)} is no class`];
    const { attributes, constraints } = resolve(definition, classes);
    const ids: Record<string, Attribute> = {
      class_uid: { ...attributes.get('class_uid'), enum: { [String(event.class_uid)]: { caption: '' } } },
      category_uid: {
        ...attributes.get('category_uid'),
        enum: { [String(Math.floor(Number(event.class_uid) / 1000))]: { caption: '' } },
      },
      type_uid: {
        ...attributes.get('type_uid'),
        enum: { [String(Number(event.class_uid) * 100 + Number(event.activity_id))]: { caption: '' } },
      },
    };
    const schema = {
      attributes: new Map([
        ...attributes,
        ...Object.entries(ids).map(([name, { sibling: _, ...rest }]) => [name, rest] as const),
      ]),
      constraints,
    };
    const metadata = event.metadata as { readonly profiles?: readonly string[] } | undefined;
    return judgeObject(event, schema, metadata?.profiles ?? [], '');
  };
}
