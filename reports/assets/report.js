(function () {
  "use strict";
  var root = document.documentElement;

  function remembered() {
    var asked = /[?&]lang=(zh|en)\b/.exec(location.search);
    if (asked) { return asked[1]; }
    try { return localStorage.getItem("servicekpi-lang") || "zh"; } catch (error) { return "zh"; }
  }

  // Attributes hold one language only, so they change with the switch; links carry it on where there is no storage.
  function speak(lang) {
    root.lang = lang;
    document.querySelectorAll("[data-alt-zh]").forEach(function (node) { node.alt = node.getAttribute("data-alt-" + lang); });
    document.querySelectorAll("[data-label-zh]").forEach(function (node) { node.setAttribute("aria-label", node.getAttribute("data-label-" + lang)); });
    document.title = document.querySelector("title").getAttribute("data-" + lang);
    document.querySelectorAll("a[href*='.html']").forEach(function (link) {
      link.setAttribute("href", link.getAttribute("href").replace(/\?lang=\w+/, "").replace(/(\.html)/, "$1?lang=" + lang));
    });
    document.querySelectorAll("input[data-table]").forEach(filter);
    try { localStorage.setItem("servicekpi-lang", lang); } catch (error) { /* pages opened from a folder may have no storage */ }
  }

  function filter(input) {
    var wanted = input.value.trim().toLowerCase();
    var rows = document.getElementById(input.dataset.table).tBodies[0].rows;
    var shown = 0;
    Array.prototype.forEach.call(rows, function (row) {
      row.hidden = wanted !== "" && row.textContent.toLowerCase().indexOf(wanted) < 0;
      if (!row.hidden) { shown += 1; }
    });
    var output = input.parentNode.querySelector("output");
    output.textContent = output.getAttribute("data-" + root.lang).replace("{shown}", shown).replace("{all}", rows.length);
  }

  function cellKey(row, column, isNumber) {
    var cell = row.cells[column];
    if (isNumber) { return cell.dataset.v === undefined ? null : Number(cell.dataset.v); }
    return cell.textContent;
  }

  function sort(head) {
    var column = head.cellIndex;
    var body = head.closest("table").tBodies[0];
    var isNumber = head.classList.contains("n");
    var down = head.getAttribute("aria-sort") === "ascending";
    Array.prototype.forEach.call(head.parentNode.cells, function (other) { other.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    var compare = new Intl.Collator("zh", { numeric: true }).compare;
    Array.prototype.map.call(body.rows, function (row, place) {
      return { row: row, place: place, key: cellKey(row, column, isNumber) };
    }).sort(function (a, b) {
      // What has no number comes last, whichever way the column runs.
      if (a.key === null || b.key === null) { return (a.key === null) - (b.key === null) || a.place - b.place; }
      var order = isNumber ? a.key - b.key : compare(a.key, b.key);
      return (down ? -order : order) || a.place - b.place;
    }).forEach(function (entry) { body.appendChild(entry.row); });
  }

  // A menu left open would lie on the page.
  document.addEventListener("click", function (event) {
    document.querySelectorAll("nav details[open]").forEach(function (menu) { if (!menu.contains(event.target)) { menu.open = false; } });
  });
  document.getElementById("language").addEventListener("click", function () { speak(root.lang === "zh" ? "en" : "zh"); });
  document.querySelectorAll("thead button").forEach(function (button) {
    button.addEventListener("click", function () { sort(button.closest("th")); });
  });
  document.querySelectorAll("input[data-table]").forEach(function (input) {
    input.addEventListener("input", function () { filter(input); });
  });
  // Paper cannot be unfolded.
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details.folded").forEach(function (part) { part.open = true; });
  });
  speak(remembered());
})();
