/** `macadam review export`: a frozen review as a document to send, from its file alone: HTML, slides (PPTX), or PDF by a browser of this machine. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { reviewSlides } from '@macadam/adapters/presentation/review-slides';
import { reviewDocument } from '@macadam/adapters/report-formats/html/review-document';
import { visible } from '@macadam/adapters/report-formats/text';
import { readReviewHead } from '@macadam/core/figures/review-file';
import { verifyReview } from '@macadam/core/figures/review-verify';
import { EXIT } from '../exit.ts';
import { deliver, UsageError } from '../terminal.ts';

export interface ReviewExportOptions {
  readonly format: string;
  readonly out?: string;
}

const FORMATS = ['html', 'pdf', 'pptx'];

/** Exits 1 for a file that was changed: nothing is made of it. */
export function exportReview(file: string, { format, out }: ReviewExportOptions): number {
  if (!FORMATS.includes(format))
    throw new UsageError(`--format: there is no \`${visible(format)}\`; there are ${FORMATS.join(', ')}`);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new UsageError(`\`${file}\` cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const verified = verifyReview(bytes);
  if (verified.verdict !== 'holds')
    throw new UsageError(
      `${visible(file)} does not hold, so that nothing is made of it; \`macadam review verify\` says what differs`,
      EXIT.fails,
    );
  if (format === 'pptx') {
    if (out === undefined) throw new UsageError('--out: it is missing; slides are written to a file');
    writeFileSync(out, reviewSlides(readReviewHead(bytes.toString()), verified.digest));
    return EXIT.ok;
  }
  const document = reviewDocument(readReviewHead(bytes.toString()), verified.digest);
  if (format === 'html') {
    deliver(document, out);
    return EXIT.ok;
  }
  if (out === undefined) throw new UsageError('--out: it is missing; a PDF is written to a file');
  printed(document, out);
  return EXIT.ok;
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** A Chromium tags what it prints by the headings and header cells of the document. */
function printed(document: string, out: string): void {
  const browser = browserHere();
  if (browser === null)
    throw new UsageError(
      '--format: there is no Chromium here to print with; install one, name it in CHROMIUM, or export HTML and print that',
      EXIT.unjudged,
    );
  const folder = mkdtempSync(join(tmpdir(), 'macadam-print-'));
  try {
    const page = join(folder, 'review.html');
    writeFileSync(page, document);
    const target = resolve(out);
    const words = [
      '--headless',
      '--disable-gpu',
      '--no-pdf-header-footer',
      '--export-tagged-pdf',
      '--generate-pdf-document-outline',
      `--user-data-dir=${join(folder, 'profile')}`,
      // It reads one file that has no script and loads nothing; without a sandbox of its own root may not start it.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--print-to-pdf=${target}`,
      pathToFileURL(page).href,
    ];
    const { status, stderr } = spawnSync(browser, words, { encoding: 'utf8', timeout: 120_000 });
    if (status !== 0 || !existsSync(target))
      throw new UsageError(`${browser} did not print: ${visible(stderr.slice(-300))}`, EXIT.unjudged);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function browserHere(): string | null {
  const { CHROMIUM, PATH = '' } = process.env;
  const runs = (path: string) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  if (CHROMIUM) return runs(CHROMIUM) ? CHROMIUM : null;
  const folders = PATH.split(delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(runs) ?? null;
}
