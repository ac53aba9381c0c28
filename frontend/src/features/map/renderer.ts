/**
 * Draws up to some millions of points with WebGL 2.
 *
 * The order of the points is random, so any first part of them is a fair picture of all. While the map moves only as
 * many are drawn as fit into a frame; when it rests the others follow, some in each frame, on top of what is there.
 */
import { type Box, type Camera, scaleOf } from "./camera";
import { HIDDEN } from "./spatial";

/** In `looks`: a point that is not shown. */
export const UNSEEN = 255;

const VERTEX = `#version 300 es
layout(location=0) in float x;
layout(location=1) in float y;
layout(location=2) in uint look;
uniform vec4 view;
uniform float size;
uniform float alpha;
uniform sampler2D palette;
flat out vec4 colour;
flat out uint shape;
void main() {
  bool unseen = look == ${UNSEEN}u || x == ${HIDDEN}.0;
  gl_Position = unseen ? vec4(2.0, 2.0, 0.0, 1.0) : vec4(x * view.x + view.z, y * view.y + view.w, 0.0, 1.0);
  gl_PointSize = size;
  colour = vec4(texelFetch(palette, ivec2(int(look), 0), 0).rgb, alpha);
  shape = look % 4u;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
flat in vec4 colour;
flat in uint shape;
uniform float size;
uniform vec3 rim;
out vec4 seen;
void main() {
  if (size < 4.0) { seen = colour; return; }
  vec2 at = (gl_PointCoord - 0.5) * 2.0;
  // Shapes are told apart only where there is room for them.
  uint form = size < 9.0 ? 0u : shape;
  float edge = form == 0u ? length(at)
    : form == 1u ? max(abs(at.x), abs(at.y)) * 1.15
    : form == 2u ? abs(at.x) + abs(at.y)
    : max(at.y * 1.25, abs(at.x) * 1.15 - at.y * 0.6 + 0.35);
  if (edge > 1.0) discard;
  bool isRim = size >= 9.0 && edge > 1.0 - 2.4 / size;
  seen = isRim ? vec4(mix(colour.rgb, rim, 0.75), colour.a) : colour;
}`;

export interface Scene {
  camera: Camera;
  box: Box;
  /** Others are drawn faint when some are selected. */
  hasSelection: boolean;
}

/** Points drawn in one frame: as many as the machine draws in time, learned while the map moves. */
export const FIRST_BUDGET = 120_000;
const LEAST = 8000;

export class PointRenderer {
  private readonly gl: WebGL2RenderingContext;
  private readonly uniforms: Record<
    "view" | "size" | "alpha" | "palette" | "rim",
    WebGLUniformLocation | null
  >;
  private readonly buffers: Record<"x" | "y" | "look" | "selected", WebGLBuffer | null>;
  private count = 0;
  private nSelected = 0;
  private drawn = 0;
  private rim: [number, number, number] = [0, 0, 0];
  budget = FIRST_BUDGET;

  /** Null where the browser has no WebGL 2. */
  static on(canvas: HTMLCanvasElement): PointRenderer | null {
    const gl = canvas.getContext("webgl2", {
      alpha: true,
      antialias: false,
      depth: false,
      // What was drawn stays, so that the rest can be drawn on top of it.
      preserveDrawingBuffer: true,
      powerPreference: "high-performance",
    });
    return gl ? new PointRenderer(gl) : null;
  }

  private constructor(gl: WebGL2RenderingContext) {
    this.gl = gl;
    const program = linked(gl);
    // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's, no hook
    gl.useProgram(program);
    const at = (name: string) => gl.getUniformLocation(program, name);
    this.uniforms = {
      view: at("view"),
      size: at("size"),
      alpha: at("alpha"),
      palette: at("palette"),
      rim: at("rim"),
    };
    this.buffers = {
      x: gl.createBuffer(),
      y: gl.createBuffer(),
      look: gl.createBuffer(),
      selected: gl.createBuffer(),
    };
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
      gl.texParameteri(gl.TEXTURE_2D, side, gl.NEAREST);
    }
    gl.enable(gl.BLEND);
    gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  setPoints(xs: Uint16Array, ys: Uint16Array): void {
    const { gl } = this;
    this.count = xs.length;
    this.attribute(0, this.buffers.x, xs);
    this.attribute(1, this.buffers.y, ys);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers.look);
    gl.bufferData(gl.ARRAY_BUFFER, new Uint8Array(xs.length), gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(2);
    gl.vertexAttribIPointer(2, 1, gl.UNSIGNED_BYTE, 0, 0);
  }

  /** A place in the palette for each point, or `UNSEEN`. */
  setLooks(looks: Uint8Array): void {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers.look);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, looks);
  }

  /** Colours as `#rrggbb`, at most 255. */
  setPalette(colours: readonly string[], rim: string): void {
    const { gl } = this;
    const texels = new Uint8Array(256 * 4);
    colours.forEach((colour, at) => {
      texels.set([...bytesOf(colour), 255], at * 4);
    });
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, texels);
    const [red, green, blue] = bytesOf(rim);
    this.rim = [red / 255, green / 255, blue / 255];
  }

  setSelected(rows: Uint32Array): void {
    const { gl } = this;
    this.nSelected = rows.length;
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.buffers.selected);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, rows, gl.DYNAMIC_DRAW);
  }

  /** Starts a picture: the first points. Returns whether that was all. */
  begin(scene: Scene): boolean {
    const { gl } = this;
    const ratio = gl.drawingBufferWidth / Math.max(scene.box.width, 1);
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.drawn = 0;
    const scale = scaleOf(scene.camera, scene.box);
    const [sx, sy] = [(2 * scale) / scene.box.width, (-2 * scale) / scene.box.height];
    gl.uniform4f(this.uniforms.view, sx, sy, -scene.camera.x * sx, -scene.camera.y * sy);
    gl.uniform3fv(this.uniforms.rim, this.rim);
    return this.more(scene, ratio);
  }

  /** Adds the next points to the picture, the selected ones on top. Returns whether that was all. */
  more(scene: Scene, ratio = this.gl.drawingBufferWidth / Math.max(scene.box.width, 1)): boolean {
    const { gl } = this;
    const size = pointSize(this.count, scene.camera.zoom) * ratio;
    const last = Math.min(this.count, this.drawn + this.budget);
    gl.uniform1f(this.uniforms.size, size);
    gl.uniform1f(this.uniforms.alpha, scene.hasSelection ? 0.2 : pointAlpha(this.count, scene.camera.zoom));
    if (last > this.drawn) gl.drawArrays(gl.POINTS, this.drawn, last - this.drawn);
    this.drawn = last;
    if (this.nSelected > 0) {
      gl.uniform1f(this.uniforms.size, Math.max(size * 1.25, 4 * ratio));
      gl.uniform1f(this.uniforms.alpha, 1);
      gl.drawElements(gl.POINTS, this.nSelected, gl.UNSIGNED_INT, 0);
    }
    return this.drawn >= this.count;
  }

  /** Learns from how long a frame took that began with `begin`. */
  learn(milliseconds: number): void {
    if (milliseconds > 22) this.budget = Math.max(LEAST, Math.round(this.budget * 0.7));
    else if (milliseconds < 18)
      this.budget = Math.min(Math.max(this.count, FIRST_BUDGET), Math.round(this.budget * 1.15));
  }

  close(): void {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  private attribute(place: number, buffer: WebGLBuffer | null, values: Uint16Array): void {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, 1, gl.UNSIGNED_SHORT, false, 0, 0);
  }
}

/** CSS pixels across a point: small where there are many, larger when one comes near. */
export function pointSize(count: number, zoom: number): number {
  const far = count < 2000 ? 10 : count < 20_000 ? 5.5 : count < 200_000 ? 2.6 : 1.6;
  return Math.min(far * Math.max(zoom, 1) ** 0.45, 15);
}

/** Where many points lie on each other, density shows only through them. */
export function pointAlpha(count: number, zoom: number): number {
  const far = count < 20_000 ? 0.9 : count < 200_000 ? 0.75 : 0.6;
  return Math.min(far * Math.max(zoom, 1) ** 0.15, 0.95);
}

function bytesOf(colour: string): [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function linked(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind);
    if (!shader) throw new Error("no shader");
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(gl.getProgramInfoLog(program) ?? "the shaders do not link");
  }
  return program;
}
