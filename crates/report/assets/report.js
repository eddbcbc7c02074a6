// Filters scenarios, opens what a link points at, copies a command. The page can be read without it.
(() => {
  'use strict';
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const cards = all('.card');
  const find = document.getElementById('find');
  const chips = all('.chip');
  const toggle = document.getElementById('toggle');

  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = chips.filter((chip) => chip.getAttribute('aria-pressed') === 'true').map((chip) => chip.dataset.status);
    let shown = 0;
    for (const card of cards) {
      const fits = (!chosen.length || chosen.includes(card.dataset.status)) && words.every((word) => card.dataset.find.includes(word));
      card.hidden = !fits;
      if (fits) shown += 1;
    }
    for (const group of all('.group')) group.hidden = !group.querySelector('.card:not([hidden])');
    document.getElementById('nothing').hidden = shown > 0;
    document.getElementById('shown').textContent = `${shown} of ${cards.length} cases shown`;
  };

  document.getElementById('tools').hidden = cards.length === 0;
  find.addEventListener('input', filter);
  for (const chip of chips) {
    chip.addEventListener('click', () => {
      chip.setAttribute('aria-pressed', String(chip.getAttribute('aria-pressed') !== 'true'));
      filter();
    });
  }
  toggle.addEventListener('click', () => {
    const visible = cards.filter((card) => !card.hidden);
    const open = visible.some((card) => !card.open);
    for (const card of visible) card.open = open;
    toggle.textContent = open ? 'Collapse all' : 'Expand all';
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      find.focus();
    }
  });

  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let node = target; node; node = node.parentElement) {
      if (node.tagName === 'DETAILS') node.open = true;
      if (node.classList.contains('card')) node.hidden = false;
    }
    target.scrollIntoView({ block: 'start' });
  };
  addEventListener('hashchange', reveal);
  if (location.hash) reveal();

  for (const button of all('[data-copy]')) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
        button.textContent = 'Copied';
      } catch {
        button.textContent = 'Select the text to copy it';
      }
    });
  }
})();
