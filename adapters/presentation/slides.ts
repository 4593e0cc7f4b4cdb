/**
 * Slides as a PresentationML file (ECMA-376): each with a title that readers announce, and paragraphs or tables with a header row. No
 * picture, no macro, nothing from elsewhere; what strangers wrote is text.
 */
import { zipOf } from './zip.ts';

export interface SlideTable {
  /** Widths are in proportion. */
  readonly columns: readonly { readonly head: string; readonly width: number; readonly isNumber?: boolean }[];
  readonly rows: readonly (readonly string[])[];
}

export interface Slide {
  readonly title: string;
  readonly paragraphs?: readonly string[];
  readonly table?: SlideTable;
}

export interface Presentation {
  readonly title: string;
  readonly author: string;
  /** RFC 3339. */
  readonly made: string;
  readonly slides: readonly Slide[];
}

/** English metric units: 13⅓ by 7½ inches. */
const WIDE = 12_192_000;
const HIGH = 6_858_000;
const EDGE = 500_000;
const BODY = { x: EDGE, y: 1_400_000, width: WIDE - 2 * EDGE, height: HIGH - 1_700_000 };
const ROW = 330_000;

const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const NAMES = `xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="${OFFICE}" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"`;
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** What XML cannot hold is replaced, what it means something by is escaped. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 has no way to write
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

export function presentationFile({ title, author, made, slides }: Presentation): Buffer {
  const numbers = slides.map((_, index) => index + 1);
  const parts = [
    { name: '[Content_Types].xml', content: contentTypes(numbers) },
    {
      name: '_rels/.rels',
      content: relations([
        { type: `${OFFICE}/officeDocument`, target: 'ppt/presentation.xml' },
        { type: `${PACKAGE}/relationships/metadata/core-properties`, target: 'docProps/core.xml' },
      ]),
    },
    { name: 'docProps/core.xml', content: coreProperties(title, author, made) },
    { name: 'ppt/presentation.xml', content: presentation(numbers) },
    {
      name: 'ppt/_rels/presentation.xml.rels',
      content: relations([
        { type: `${OFFICE}/slideMaster`, target: 'slideMasters/slideMaster1.xml' },
        ...numbers.map((number) => ({ type: `${OFFICE}/slide`, target: `slides/slide${number}.xml` })),
      ]),
    },
    { name: 'ppt/slideMasters/slideMaster1.xml', content: MASTER },
    {
      name: 'ppt/slideMasters/_rels/slideMaster1.xml.rels',
      content: relations([
        { type: `${OFFICE}/slideLayout`, target: '../slideLayouts/slideLayout1.xml' },
        { type: `${OFFICE}/theme`, target: '../theme/theme1.xml' },
      ]),
    },
    { name: 'ppt/slideLayouts/slideLayout1.xml', content: LAYOUT },
    {
      name: 'ppt/slideLayouts/_rels/slideLayout1.xml.rels',
      content: relations([{ type: `${OFFICE}/slideMaster`, target: '../slideMasters/slideMaster1.xml' }]),
    },
    { name: 'ppt/theme/theme1.xml', content: THEME },
    ...slides.flatMap((slide, index) => [
      { name: `ppt/slides/slide${index + 1}.xml`, content: slideXml(slide) },
      {
        name: `ppt/slides/_rels/slide${index + 1}.xml.rels`,
        content: relations([{ type: `${OFFICE}/slideLayout`, target: '../slideLayouts/slideLayout1.xml' }]),
      },
    ]),
  ];
  return zipOf(parts);
}

const relations = (all: readonly { readonly type: string; readonly target: string }[]): string =>
  `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${all.map(({ type, target }, index) => `<Relationship Id="rId${index + 1}" Type="${type}" Target="${target}"/>`).join('')}</Relationships>`;

function contentTypes(numbers: readonly number[]): string {
  const of = (path: string, kind: string) =>
    `<Override PartName="/${path}" ContentType="application/vnd.openxmlformats-${kind}+xml"/>`;
  const slides = numbers.map((number) =>
    of(`ppt/slides/slide${number}.xml`, 'officedocument.presentationml.slide'),
  );
  return `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${of('ppt/presentation.xml', 'officedocument.presentationml.presentation.main')}${of('ppt/slideMasters/slideMaster1.xml', 'officedocument.presentationml.slideMaster')}${of('ppt/slideLayouts/slideLayout1.xml', 'officedocument.presentationml.slideLayout')}${of('ppt/theme/theme1.xml', 'officedocument.theme')}${of('docProps/core.xml', 'package.core-properties')}${slides.join('')}</Types>`;
}

const coreProperties = (title: string, author: string, made: string): string =>
  `${HEAD}<cp:coreProperties xmlns:cp="${PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>${escaped(title)}</dc:title><dc:creator>${escaped(author)}</dc:creator><dc:language>en</dc:language><dcterms:created xsi:type="dcterms:W3CDTF">${made.slice(0, 19)}Z</dcterms:created></cp:coreProperties>`;

const presentation = (numbers: readonly number[]): string =>
  `${HEAD}<p:presentation ${NAMES}><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst><p:sldIdLst>${numbers.map((number) => `<p:sldId id="${255 + number}" r:id="rId${number + 1}"/>`).join('')}</p:sldIdLst><p:sldSz cx="${WIDE}" cy="${HIGH}"/><p:notesSz cx="${HIGH}" cy="${WIDE}"/></p:presentation>`;

const GROUP =
  '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/><a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>';
const TITLE_PLACE = `<a:xfrm><a:off x="${EDGE}" y="350000"/><a:ext cx="${WIDE - 2 * EDGE}" cy="900000"/></a:xfrm>`;
const titleShape = (text: string, place = '') =>
  `<p:sp><p:nvSpPr><p:cNvPr id="2" name="Title"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr><p:spPr>${place}</p:spPr><p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:r><a:rPr lang="en"/><a:t>${text}</a:t></a:r></a:p></p:txBody></p:sp>`;

const LAYOUT = `${HEAD}<p:sldLayout ${NAMES} type="titleOnly" preserve="1"><p:cSld name="Title only"><p:spTree>${GROUP}${titleShape('Title')}</p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>`;
const MASTER = `${HEAD}<p:sldMaster ${NAMES}><p:cSld><p:bg><p:bgPr><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill><a:effectLst/></p:bgPr></p:bg><p:spTree>${GROUP}${titleShape('Title', TITLE_PLACE)}</p:spTree></p:cSld><p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/><p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst><p:txStyles><p:titleStyle><a:lvl1pPr algn="l"><a:defRPr sz="2800" b="1"><a:solidFill><a:schemeClr val="tx1"/></a:solidFill><a:latin typeface="+mj-lt"/></a:defRPr></a:lvl1pPr></p:titleStyle><p:bodyStyle><a:lvl1pPr><a:defRPr sz="1600"><a:solidFill><a:schemeClr val="tx1"/></a:solidFill><a:latin typeface="+mn-lt"/></a:defRPr></a:lvl1pPr></p:bodyStyle><p:otherStyle/></p:txStyles></p:sldMaster>`;

const COLOURS = [
  ['dk1', '1A1A1A'],
  ['lt1', 'FFFFFF'],
  ['dk2', '3A3A3A'],
  ['lt2', 'F2F2F2'],
  ['accent1', '1F5FA8'],
  ['accent2', '2E7D32'],
  ['accent3', 'B3261E'],
  ['accent4', '8A6D00'],
  ['accent5', '5E4B8B'],
  ['accent6', '4A4A4A'],
  ['hlink', '1F5FA8'],
  ['folHlink', '5E4B8B'],
] as const;
const LINE = '<a:ln w="9525"><a:solidFill><a:schemeClr val="phClr"/></a:solidFill></a:ln>';
const FILL = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>';
const EFFECT = '<a:effectStyle><a:effectLst/></a:effectStyle>';
const THEME = `${HEAD}<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="Macadam"><a:themeElements><a:clrScheme name="Macadam">${COLOURS.map(([name, value]) => `<a:${name}><a:srgbClr val="${value}"/></a:${name}>`).join('')}</a:clrScheme><a:fontScheme name="Macadam"><a:majorFont><a:latin typeface="Calibri"/><a:ea typeface=""/><a:cs typeface=""/></a:majorFont><a:minorFont><a:latin typeface="Calibri"/><a:ea typeface=""/><a:cs typeface=""/></a:minorFont></a:fontScheme><a:fmtScheme name="Macadam"><a:fillStyleLst>${FILL.repeat(3)}</a:fillStyleLst><a:lnStyleLst>${LINE.repeat(3)}</a:lnStyleLst><a:effectStyleLst>${EFFECT.repeat(3)}</a:effectStyleLst><a:bgFillStyleLst>${FILL.repeat(3)}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>`;

function slideXml({ title, paragraphs = [], table }: Slide): string {
  const text = paragraphs.length === 0 ? '' : textShape(paragraphs, table === undefined);
  const shown = table === undefined ? '' : tableFrame(table, paragraphs.length);
  return `${HEAD}<p:sld ${NAMES}><p:cSld><p:spTree>${GROUP}${titleShape(escaped(title))}${text}${shown}</p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sld>`;
}

const run = (text: string, size: number, bold = false): string =>
  `<a:r><a:rPr lang="en" sz="${size}"${bold ? ' b="1"' : ''}/><a:t>${escaped(text)}</a:t></a:r>`;

function textShape(paragraphs: readonly string[], whole: boolean): string {
  const size = whole ? 1800 : 1600;
  const height = whole ? BODY.height : ROW * paragraphs.length;
  return `<p:sp><p:nvSpPr><p:cNvPr id="3" name="Text"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x="${BODY.x}" y="${BODY.y}"/><a:ext cx="${BODY.width}" cy="${height}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/></p:spPr><p:txBody><a:bodyPr wrap="square"><a:normAutofit/></a:bodyPr><a:lstStyle/>${paragraphs.map((text) => `<a:p>${run(text, size)}</a:p>`).join('')}</p:txBody></p:sp>`;
}

function tableFrame({ columns, rows }: SlideTable, above: number): string {
  const all = columns.reduce((sum, { width }) => sum + width, 0);
  const widths = columns.map(({ width }) => Math.floor((BODY.width * width) / all));
  const top = BODY.y + (above === 0 ? 0 : ROW * above + 150_000);
  const cell = (text: string, { isNumber, head }: { readonly isNumber: boolean; readonly head: boolean }) =>
    `<a:tc><a:txBody><a:bodyPr/><a:lstStyle/><a:p>${isNumber ? '<a:pPr algn="r"/>' : ''}${text === '' ? '<a:endParaRPr lang="en" sz="1200"/>' : run(text, 1200, head)}</a:p></a:txBody><a:tcPr marL="60000" marR="60000" marT="30000" marB="30000"><a:lnB w="6350"><a:solidFill><a:srgbClr val="C8C8C8"/></a:solidFill></a:lnB><a:noFill/></a:tcPr></a:tc>`;
  const line = (cells: readonly string[], head: boolean) =>
    `<a:tr h="${ROW}">${columns.map(({ isNumber = false }, at) => cell(cells[at] ?? '', { isNumber, head })).join('')}</a:tr>`;
  const lines = [
    line(
      columns.map(({ head }) => head),
      true,
    ),
    ...rows.map((cells) => line(cells, false)),
  ];
  return `<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="4" name="Table"/><p:cNvGraphicFramePr><a:graphicFrameLocks noGrp="1"/></p:cNvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr><p:xfrm><a:off x="${BODY.x}" y="${top}"/><a:ext cx="${BODY.width}" cy="${ROW * lines.length}"/></p:xfrm><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/table"><a:tbl><a:tblPr firstRow="1"/><a:tblGrid>${widths.map((width) => `<a:gridCol w="${width}"/>`).join('')}</a:tblGrid>${lines.join('')}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>`;
}
