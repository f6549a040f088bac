// Runs inside the report's page: the texts whose contrast to what is behind them is below 4.5 (WCAG AA).
(() => {
  const channels = (color) => {
    const numbers = color.match(/[\d.]+/g).map(Number);
    const scale = color.startsWith("color(") ? 255 : 1;
    const [red, green, blue, alpha = 1] = numbers;
    return { rgb: [red * scale, green * scale, blue * scale], alpha };
  };
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const backgroundOf = (element) => {
    for (let current = element; current; current = current.parentElement) {
      const { rgb, alpha } = channels(getComputedStyle(current).backgroundColor);
      if (alpha > 0.99) return rgb;
      if (alpha > 0) throw new Error(`half-transparent background of ${current.className}`);
    }
    return [255, 255, 255];
  };
  const contrastOf = (element) => {
    const [light, dark] = [channels(getComputedStyle(element).color).rgb, backgroundOf(element)]
      .map(luminance)
      .sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
  const texts = [...document.querySelectorAll("body *")].filter(
    (element) => !["SCRIPT", "STYLE"].includes(element.tagName) && hasText(element),
  );
  const poor = texts.filter((element) => contrastOf(element) < 4.5);
  return {
    count: texts.length,
    poor: poor.map((element) => `${element.tagName}.${element.className}: ${element.textContent.slice(0, 40)}`),
  };
})();
