import type { Document } from '../document.ts';
import type { Facts } from '../facts.ts';
export function isPipeline(_document: Document): boolean {
  return false;
}
export function azureFacts(_document: Document, _path: string): Facts | { message: string; line?: number } {
  return { message: 'x' };
}
