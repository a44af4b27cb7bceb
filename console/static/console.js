// Small conveniences; every page also works without them.
(function () {
  "use strict";

  // A second click on a button that is already sending does nothing.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.hasAttribute("hx-post") || form.hasAttribute("hx-get")) return;
    if (form.dataset.sending === "yes") {
      event.preventDefault();
      return;
    }
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
      event.preventDefault();
      return;
    }
    form.dataset.sending = "yes";
    form.setAttribute("aria-busy", "true");
  });

  // Coming back with the back button must not leave a form locked.
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sending]").forEach(function (form) {
      delete form.dataset.sending;
      form.removeAttribute("aria-busy");
    });
  });

  // At the desk the next code is typed over the last one.
  document.addEventListener("htmx:afterSwap", function () {
    document.querySelectorAll("[data-select-after-answer]").forEach(function (field) {
      field.select();
    });
  });

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    if (button && navigator.clipboard) {
      navigator.clipboard.writeText(button.dataset.copy).then(function () {
        button.textContent = "已复制";
      });
    }
    if (event.target.closest("[data-print]")) window.print();
  });
})();
