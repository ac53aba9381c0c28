export * from "@/lib/zoom";
