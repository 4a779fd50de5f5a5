/** What helm takes for values. */
export type Values = Readonly<Record<string, unknown>>;

/** As helm puts one file of values over another: maps are merged, everything else is replaced. */
export function merged(under: Values, over: Values): Values {
  const both = Object.entries(over).map(([key, value]) => {
    const below = under[key];
    return [key, isMap(value) && isMap(below) ? merged(below, value) : value] as const;
  });
  return { ...under, ...Object.fromEntries(both) };
}

export const isMap = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);
