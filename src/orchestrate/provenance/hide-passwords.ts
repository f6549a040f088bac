/** A text with `***` in the place of passwords that addresses and options carry. */
export function hidePasswords(text: string): string {
  return text
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@]+@/gi, "$1***@")
    .replaceAll(/\b((?:password|passwd|secret|token|signature|credential|api_?key)[\w-]*=)[^&\s]+/gi, "$1***");
}
