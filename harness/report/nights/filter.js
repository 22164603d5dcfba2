// Rows can be looked for by words and by `is:violation`; without scripts all of them are there.
const rows = [...document.querySelectorAll('[data-words]')];
const head = document.querySelector('#tests h2') ?? document.querySelector('#runs h2');
if (rows.length > 0 && head !== null) {
  const input = document.createElement('input');
  input.type = 'search';
  input.className = 'find';
  input.placeholder = 'filter: raft partition is:violation';
  input.setAttribute('aria-label', 'Filter tests and runs');
  const matches = document.createElement('small');
  matches.setAttribute('role', 'status');
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const row of rows) {
      row.hidden = !words.every((word) => row.dataset.words.includes(word));
      if (!row.hidden) left++;
    }
    matches.textContent = words.length === 0 ? '' : `${left} of ${rows.length}`;
  });
  head.append(matches, input);
}
