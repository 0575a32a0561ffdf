/** A clause of the server as a sentence: `this needs …` gives `This needs ….` */
export function sentence(clause: string): string {
  const trimmed = clause.trim();
  if (!trimmed) return trimmed;
  const begun = trimmed[0]?.toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
