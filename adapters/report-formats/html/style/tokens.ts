/** Every value of colour, type and space. What stands below it names them and holds none of its own but the widths of columns. */
export const TOKENS = `
:root {
  color-scheme: light dark;
  --sans: 'Inter', system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', 'Noto Sans', sans-serif;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace;
  --t-axis: 0.6875rem; --t-small: 0.75rem; --t-base: 0.8125rem; --t-read: 0.875rem;
  --t-head: 1rem; --t-sum: 1.125rem; --t-page: 1.25rem; --t-figure: 1.625rem;
  --s-2: 4px; --s-3: 8px; --s-4: 12px; --s-5: 16px; --s-6: 24px; --s-7: 32px; --s-8: 48px;
  --row: 24px; --rail: 184px; --top: 44px; --r-1: 3px; --r-2: 6px;

  --canvas: light-dark(#ffffff, #101318);
  --sunken: light-dark(#f6f6f3, #0b0d11);
  --raised: light-dark(#ffffff, #191d24);
  --hover: light-dark(#f2f3f0, #181c23);
  --chosen: light-dark(#e8ecec, #222933);
  --ink: light-dark(#14171c, #e9ebef);
  --ink-2: light-dark(#474d57, #b1b8c3);
  --ink-3: light-dark(#626973, #8f97a4);
  --line: light-dark(#e5e6e2, #232932);
  --line-2: light-dark(#cdd0d0, #363e4a);
  --control: light-dark(#7e848d, #6b7482);
  --focus: light-dark(#0a5ad1, #86b7ff);
  --pass: light-dark(#1a6b8a, #4f9fc0);
  --pass-soft: light-dark(#dbe9ee, #16323e);
  --fail: light-dark(#bb3a12, #f3835b);
  --fail-soft: light-dark(#fae5dc, #43211a);
  --soon: light-dark(#7d5406, #e0ad52);
  --soon-soft: light-dark(#f8edd6, #3a2d14);
  --unknown: light-dark(#666d78, #98a0ad);
  --unknown-soft: light-dark(#eeefec, #1e232b);
  --simulated: light-dark(#6939a6, #c0a5f5);
  --simulated-soft: light-dark(#f0eaf8, #2a2140);
  --heat-1: light-dark(#fbe9e1, #33211c);
  --heat-2: light-dark(#f5cfbf, #542d21);
  --heat-3: light-dark(#eba88c, #7d3c26);
  --heat-4: light-dark(#bb3a12, #f3835b);
  --on-heat-4: light-dark(#ffffff, #14100e);
  --shadow: 0 1px 2px light-dark(rgb(20 23 28 / 8%), rgb(0 0 0 / 50%)), 0 6px 20px light-dark(rgb(20 23 28 / 10%), rgb(0 0 0 / 45%));
}
:root[data-theme='light'] { color-scheme: light; }
:root[data-theme='dark'] { color-scheme: dark; }
/* 7:1 for every text; it keeps the side, light or dark, of the system. */
:root[data-theme='contrast'] {
  --canvas: light-dark(#ffffff, #000000); --sunken: light-dark(#ffffff, #000000); --raised: light-dark(#ffffff, #000000);
  --hover: light-dark(#e6e6e6, #1f1f1f); --chosen: light-dark(#d9d9d9, #2b2b2b);
  --ink: light-dark(#000000, #ffffff); --ink-2: light-dark(#1c1c1c, #f0f0f0); --ink-3: light-dark(#333333, #dddddd);
  --line: light-dark(#6e6e6e, #8c8c8c); --line-2: light-dark(#000000, #ffffff); --control: light-dark(#000000, #ffffff);
  --focus: light-dark(#0033cc, #ffe600);
  --pass: light-dark(#00496b, #7fd3ff); --pass-soft: light-dark(#ffffff, #000000);
  --fail: light-dark(#a01c00, #ff9a73); --fail-soft: light-dark(#ffffff, #000000);
  --soon: light-dark(#5a3a00, #ffd166); --soon-soft: light-dark(#ffffff, #000000);
  --unknown: light-dark(#333333, #dddddd); --unknown-soft: light-dark(#ffffff, #000000);
  --simulated: light-dark(#4b1a8c, #dcc8ff); --simulated-soft: light-dark(#ffffff, #000000);
  --heat-1: light-dark(#ffffff, #000000); --heat-2: light-dark(#ffe1d6, #3d1405); --heat-3: light-dark(#ffc2ac, #662409);
  --heat-4: light-dark(#a01c00, #ff9a73); --on-heat-4: light-dark(#ffffff, #000000);
}
`;
